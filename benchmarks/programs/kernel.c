/* The limit: synaptic sampling in winner-take-all circuits, written by hand in C with float64.

   It computes what the Brian2 network of this package computes, on the same grid of steps, and nothing else:
   - an input that fires draws its next spike and is put into the list of that step, so silent inputs cost nothing;
   - PSP traces and membrane sums are kept as sums scaled to a common time origin, so nothing decays step by step;
   - a circuit fires as a Poisson process, its winner is a categorical draw from softmax(u), and only the winner's
     row of synapses learns, with two exponentials per synapse;
   - immediate PSPs are products of rows and traces when a circuit fires, kept ones are added at arrivals;
   - prior and noise act once per `update_steps` by the exact Ornstein-Uhlenbeck transition.

   Order within a step at time t, as in spikingsampling/equations.py: inputs redraw at a pattern border, prior and
   noise; output spikes of t, which see arrivals strictly before t; arrivals of t.

   Synapses are stored twice: theta and w by row (postsynaptic neuron), for learning; the membrane weight by column
   (source), for arrivals, where PSPs are kept. Both are walked in runs of consecutive partners, so that the compiler can vectorise. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 8, BLOCK = 1024, QUEUE = 4096 };

typedef struct {
    int64_t offset; /* of the first synapse of the run */
    int32_t first;  /* partner of that synapse */
    int32_t length;
} Run;

typedef struct {
    int32_t n_inputs, n_circuits, n_neurons; /* n_neurons: per circuit */
    int32_t n_presentations, pattern_steps, delay_steps, update_steps;
    int32_t immediate; /* whether PSPs have the weights of now */
    const int32_t *schedule; /* (n_presentations,) pattern shown, repeated from the start when it ends */
    const double *intervals; /* (n_patterns, n_inputs) mean interval between spikes, in steps */
    const int64_t *row_runs; /* (n_circuits*n_neurons + 1,) first run of each row */
    const Run *rows;
    const int64_t *column_runs; /* (n_inputs + n_circuits*n_neurons + 1,) first run of each column */
    const Run *columns;
    const int32_t *column_position; /* (n_synapses,) place by column of each synapse by row */
    int64_t n_synapses;
    double dt, rho_net, tau_fall, tau_rise, adaptation, tau_adaptation_fall, tau_adaptation_rise;
    double gain, alpha, alpha_cap, theta_0, theta_floor; /* gain: N b */
    double prior_mean, decay, noise;                     /* transition over update_steps */
} Network;

typedef struct {
    int64_t capacity, count; /* nothing is recorded beyond capacity; count goes on */
    int32_t *step, *index;
} Recorder;

typedef struct {
    int64_t arrival;
    int32_t neuron;
} Axon;

typedef struct {
    uint64_t s[4][LANES];
    int used_uniform, used_exponential;
    double uniform[BLOCK], exponential[BLOCK];
} Random;

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* xoshiro256+ in independent lanes; uniform in (0, 1], so that its logarithm is finite */
static void fill(Random *random, double *restrict out)
{
    for (int i = 0; i < BLOCK; i += LANES)
        for (int l = 0; l < LANES; l++) {
            uint64_t a = random->s[0][l], b = random->s[1][l], c = random->s[2][l], d = random->s[3][l];
            uint64_t bits = ((a + d) >> 12) | 0x3ff0000000000000u, shifted = b << 17;
            double value;
            memcpy(&value, &bits, sizeof value);
            out[i + l] = 2.0 - value;
            c ^= a, d ^= b, b ^= c, a ^= d, c ^= shifted, d = (d << 45) | (d >> 19);
            random->s[0][l] = a, random->s[1][l] = b, random->s[2][l] = c, random->s[3][l] = d;
        }
}

static void start_random(Random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        for (int l = 0; l < LANES; l++) random->s[i][l] = splitmix(&seed);
    random->used_uniform = random->used_exponential = BLOCK;
}

static double draw_uniform(Random *random)
{
    if (random->used_uniform == BLOCK) fill(random, random->uniform), random->used_uniform = 0;
    return random->uniform[random->used_uniform++];
}

static double draw_exponential(Random *random)
{
    if (random->used_exponential == BLOCK) {
        fill(random, random->exponential);
        for (int i = 0; i < BLOCK; i++) random->exponential[i] = -log(random->exponential[i]);
        random->used_exponential = 0;
    }
    return random->exponential[random->used_exponential++];
}

static void fill_normal(Random *random, double *restrict out)
{
    double angle[BLOCK], radius[BLOCK];
    fill(random, angle);
    fill(random, radius);
    for (int i = 0; i < BLOCK; i++) out[i] = sqrt(-2.0 * log(radius[i])) * cos(6.283185307179586 * angle[i]);
}

static void record(Recorder *recorder, int32_t step, int32_t index)
{
    if (!recorder) return;
    if (recorder->count < recorder->capacity) {
        recorder->step[recorder->count] = step;
        recorder->index[recorder->count] = index;
    }
    recorder->count++;
}

/* Learning of one row of synapses: theta += N b w (x - min(cap, alpha e^w)), then the new weights. */
static void learn(const Network *n, int64_t row, double since_fall, double since_rise, const double *restrict x_fall,
                  const double *restrict x_rise, double *restrict theta, double *restrict w,
                  double *restrict membrane)
{
    const double at_zero = exp(-n->theta_0);
    for (int64_t r = n->row_runs[row]; r < n->row_runs[row + 1]; r++) {
        const Run run = n->rows[r];
        const double *restrict fall = x_fall + run.first, *restrict rise = x_rise + run.first;
        const int32_t *restrict position = n->column_position + run.offset;
        double *restrict th = theta + run.offset, *restrict wr = w + run.offset;
        for (int32_t j = 0; j < run.length; j++) {
            double x = fall[j] * since_fall - rise[j] * since_rise;
            double new = th[j] + n->gain * wr[j] * (x - fmin(n->alpha_cap, n->alpha * exp(wr[j])));
            double weight = exp(new - n->theta_0);
            th[j] = new;
            wr[j] = weight;
            if (membrane) membrane[position[j]] = fmax(0.0, weight - at_zero);
        }
    }
}

static void prior_step(const Network *n, Random *random, double *restrict theta, double *restrict w,
                       double *restrict membrane)
{
    const double at_zero = exp(-n->theta_0);
    double xi[BLOCK];
    for (int64_t start = 0; start < n->n_synapses; start += BLOCK) {
        int64_t length = n->n_synapses - start < BLOCK ? n->n_synapses - start : BLOCK;
        double *restrict th = theta + start, *restrict wr = w + start;
        fill_normal(random, xi);
        for (int64_t j = 0; j < length; j++) {
            double moved = n->prior_mean + (th[j] - n->prior_mean) * n->decay + n->noise * xi[j];
            th[j] = fmax(n->theta_floor, moved);
            wr[j] = exp(th[j] - n->theta_0);
            if (membrane) membrane[n->column_position[start + j]] = fmax(0.0, wr[j] - at_zero);
        }
    }
}

/* Immediate PSPs of one row of synapses, with the traces x of all sources. */
static double psp(const Network *n, int64_t row, const double *restrict x, const double *restrict w, double at_zero)
{
    double sum = 0;
    for (int64_t r = n->row_runs[row]; r < n->row_runs[row + 1]; r++) {
        const Run run = n->rows[r];
        const double *restrict xr = x + run.first, *restrict wr = w + run.offset;
        for (int32_t j = 0; j < run.length; j++) sum += fmax(0.0, wr[j] - at_zero) * xr[j];
    }
    return sum;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* Simulates `steps` steps from rest; theta, by row, is changed in place. `seconds` receives the wall time of the
   loop. `inputs` and `outputs` may be NULL. Returns 0, 1 if memory is short, or 2 if more spikes
   are under way than QUEUE. */
int simulate(const Network *n, int64_t steps, uint64_t seed, double *theta, Recorder *inputs, Recorder *outputs,
             double *seconds)
{
    const int K = n->n_neurons, hidden = n->n_circuits * K, sources = n->n_inputs + hidden, P = n->pattern_steps;
    Random *random = malloc(sizeof *random);
    double *real = calloc(3 * sources + 5 * hidden + K + (n->immediate ? 1 : 2) * n->n_synapses + 4 * (P + 1) + n->n_circuits, sizeof *real);
    int32_t *whole = malloc(sizeof *whole * ((size_t)n->n_inputs + P + 1));
    double *t_next = malloc(sizeof *t_next * (n->n_inputs ? n->n_inputs : 1));
    Axon *axons = malloc(sizeof *axons * QUEUE); /* spikes under way, in order of arrival */
    uint32_t head = 0, tail = 0;
    if (!random || !real || !whole || !t_next || !axons) return 1;

    double *x_fall = real, *x_rise = x_fall + sources, *psp_fall = x_rise + sources, *psp_rise = psp_fall + hidden;
    double *arrived = psp_rise + hidden, *adapt_fall = arrived + hidden, *adapt_rise = adapt_fall + hidden;
    double *cumulative = adapt_rise + hidden, *x = cumulative + K, *w = x + sources;
    double *membrane = n->immediate ? NULL : w + n->n_synapses; /* by column */
    double *decay_fall = (membrane ? membrane : w) + n->n_synapses, *decay_rise = decay_fall + P + 1;
    double *grow_fall = decay_rise + P + 1, *grow_rise = grow_fall + P + 1, *t_out = grow_rise + P + 1;
    int32_t *following = whole, *first = following + n->n_inputs;

    start_random(random, seed);
    for (int i = 0; i <= P; i++) {
        decay_fall[i] = exp(-i * n->dt / n->tau_fall), decay_rise[i] = exp(-i * n->dt / n->tau_rise);
        grow_fall[i] = 1 / decay_fall[i], grow_rise[i] = 1 / decay_rise[i];
    }
    for (int64_t i = 0; i < n->n_synapses; i++) {
        w[i] = exp(theta[i] - n->theta_0);
        if (membrane) membrane[n->column_position[i]] = fmax(0.0, w[i] - exp(-n->theta_0));
    }
    for (int c = 0; c < n->n_circuits; c++) t_out[c] = draw_exponential(random) / (n->rho_net * n->dt);
    const double adapt_decay_fall = exp(-n->dt / n->tau_adaptation_fall);
    const double adapt_decay_rise = exp(-n->dt / n->tau_adaptation_rise);

    const double *interval = n->intervals, at_zero = exp(-n->theta_0);
    const double began = now();
    for (int64_t step = 0, phase = 0, presentation = 0; step < steps; step++, phase++) {
        if (phase == P || step == 0) {
            if (step) {
                for (int i = 0; i < sources; i++) x_fall[i] *= decay_fall[P], x_rise[i] *= decay_rise[P];
                for (int k = 0; k < hidden; k++) psp_fall[k] *= decay_fall[P], psp_rise[k] *= decay_rise[P];
                presentation = presentation + 1 == n->n_presentations ? 0 : presentation + 1;
            }
            phase = 0;
            for (int p = 0; p <= P; p++) first[p] = -1;
            interval = n->intervals + (int64_t)n->schedule[presentation] * n->n_inputs;
            for (int i = 0; i < n->n_inputs; i++) { /* times in steps since the pattern began */
                t_next[i] = draw_exponential(random) * interval[i];
                const int at = fmin(t_next[i], P);
                following[i] = first[at], first[at] = i;
            }
        }
        if (step && step % n->update_steps == 0) prior_step(n, random, theta, w, membrane);

        for (int k = 0; k < hidden; k++) adapt_fall[k] *= adapt_decay_fall, adapt_rise[k] *= adapt_decay_rise;
        int known = !n->immediate; /* x at this step */
        for (int c = 0; c < n->n_circuits; c++)
            while (t_out[c] < step + 1) {
                t_out[c] += draw_exponential(random) / (n->rho_net * n->dt);
                const int k0 = c * K;
                double top = -1e300, sum = 0; /* -ffast-math knows no infinity */
                for (int i = 0; !known && i < sources; i++) x[i] = x_fall[i] * decay_fall[phase] - x_rise[i] * decay_rise[phase];
                known = 1;
                for (int k = 0; k < K; k++) {
                    cumulative[k] = n->immediate ? psp(n, k0 + k, x, w, at_zero)
                                                 : psp_fall[k0 + k] * decay_fall[phase] - psp_rise[k0 + k] * decay_rise[phase];
                    cumulative[k] += n->adaptation * (adapt_fall[k0 + k] - adapt_rise[k0 + k]);
                    top = fmax(top, cumulative[k]);
                }
                for (int k = 0; k < K; k++) cumulative[k] = exp(cumulative[k] - top);
                for (int k = 0; k < K; k++) cumulative[k] = sum += cumulative[k];
                const double mark = draw_uniform(random) * sum;
                int winner = k0;
                while (winner < k0 + K - 1 && cumulative[winner - k0] < mark) winner++;
                adapt_fall[winner] += 1, adapt_rise[winner] += 1;
                learn(n, winner, decay_fall[phase], decay_rise[phase], x_fall, x_rise, theta, w, membrane);
                if (tail - head == QUEUE) return 2;
                axons[tail++ % QUEUE] = (Axon){step + n->delay_steps, winner};
                record(outputs, step, winner);
            }

        int any = 0;
        while (first[phase] >= 0 || (head != tail && axons[head % QUEUE].arrival == step)) {
            int source;
            if (first[phase] >= 0) {
                source = first[phase];
                first[phase] = following[source];
                record(inputs, step, source);
                t_next[source] += draw_exponential(random) * interval[source];
                const int at = fmin(t_next[source], P); /* perhaps this step again; P: not before the pattern ends */
                following[source] = first[at], first[at] = source;
            } else
                source = n->n_inputs + axons[head++ % QUEUE].neuron;
            x_fall[source] += grow_fall[phase], x_rise[source] += grow_rise[phase];
            if (n->immediate) continue;
            for (int64_t r = n->column_runs[source]; r < n->column_runs[source + 1]; r++) {
                const Run run = n->columns[r];
                double *restrict to = arrived + run.first, *restrict weight = membrane + run.offset;
                for (int32_t j = 0; j < run.length; j++) to[j] += weight[j];
            }
            any = 1;
        }
        if (any)
            for (int k = 0; k < hidden; k++) {
                psp_fall[k] += grow_fall[phase] * arrived[k], psp_rise[k] += grow_rise[phase] * arrived[k];
                arrived[k] = 0;
            }
    }
    *seconds = now() - began;
    free(random), free(real), free(whole), free(t_next), free(axons);
    return 0;
}
