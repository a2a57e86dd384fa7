/* Random numbers: xoshiro256+ (Blackman and Vigna, ACM Trans Math Softw 47:36, 2021) in 4 lanes, made in blocks.

   Each purpose (a code object that draws) has a stream of its own. Its 16 words of state are the first outputs of
   SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), started from a hash of the segment's seed and the purpose's name. The
   upper 52 bits of an output make a uniform number in [0, 1); the lower bits of xoshiro256+ are weak and not used. */

#ifndef SPIKINGSAMPLING_RANDOM_H
#define SPIKINGSAMPLING_RANDOM_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include "functions.h"

namespace spikingsampling {

inline uint64_t split_mix(uint64_t& state)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Where SplitMix64 starts for a purpose: each letter and the seed go through a whole step of it. */
inline uint64_t hash(uint64_t seed, const char* purpose)
{
    uint64_t state = seed;
    uint64_t mixed = split_mix(state);
    for (; *purpose; purpose++) {
        mixed ^= uint64_t(*purpose);
        mixed = split_mix(mixed);
    }
    return mixed;
}

class Stream {
public:
    enum { BLOCK = 1024 };

private:
    enum { LANES = 4 };
    typedef uint64_t Lanes __attribute__((vector_size(32)));
    typedef double Numbers __attribute__((vector_size(32)));
    Lanes state[4];
    size_t used_uniform = BLOCK, used_normal = BLOCK;
    double uniforms[BLOCK], normals[BLOCK];

    void next(double* out)
    {
        Lanes a = state[0], b = state[1], c = state[2], d = state[3];
        for (size_t i = 0; i < BLOCK; i += LANES) {
            const Lanes bits = ((a + d) >> 12) | 0x3ff0000000000000u, shifted = b << 17;
            Numbers numbers;
            memcpy(&numbers, &bits, sizeof numbers);
            numbers -= 1.0;
            memcpy(out + i, &numbers, sizeof numbers);
            c ^= a;
            d ^= b;
            b ^= c;
            a ^= d;
            c ^= shifted;
            d = (d << 45) | (d >> 19);
        }
        state[0] = a;
        state[1] = b;
        state[2] = c;
        state[3] = d;
    }

    /* Box and Muller's transform, both numbers of each pair. */
    void next_normals(double* out)
    {
        double drawn[BLOCK];
        next(drawn);
        for (size_t i = 0; i < BLOCK / 2; i++) {
            const double radius = std::sqrt(-2.0 * logarithm(1.0 - drawn[i]));
            double sine, cosine;
            turn(drawn[i + BLOCK / 2], sine, cosine);
            out[i] = radius * sine;
            out[i + BLOCK / 2] = radius * cosine;
        }
    }

    /* Whole blocks go straight to where they are wanted. */
    void take(double* out, size_t n, double* block, size_t& used, void (Stream::*make)(double*))
    {
        while (n) {
            if (used == BLOCK && n >= BLOCK) {
                (this->*make)(out);
                out += BLOCK;
                n -= BLOCK;
                continue;
            }
            if (used == BLOCK) {
                (this->*make)(block);
                used = 0;
            }
            const size_t end = used + n < BLOCK ? used + n : size_t(BLOCK);
            n -= end - used;
            while (used < end) *out++ = block[used++];
        }
    }

public:
    Stream(uint64_t seed, const char* purpose)
    {
        uint64_t start = hash(seed, purpose);
        for (Lanes& words : state)
            for (size_t lane = 0; lane < LANES; lane++) words[lane] = split_mix(start);
    }

    void uniform(double* out, size_t n) { take(out, n, uniforms, used_uniform, &Stream::next); }
    void normal(double* out, size_t n) { take(out, n, normals, used_normal, &Stream::next_normals); }
};

}

#endif
