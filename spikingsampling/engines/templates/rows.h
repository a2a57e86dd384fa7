/* The synapses of each spiking neuron in the order in which they were made, as runs: within a run the partners are
   consecutive and the synapses equally far apart, so that a loop over it needs no table of indices. */

#ifndef SPIKINGSAMPLING_ROWS_H
#define SPIKINGSAMPLING_ROWS_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

/* Partners that are visited together: their 16 bytes each stay in the first cache while row after row passes. */
const size_t TILE = 1024;

struct Run {
    size_t first;  // synapse
    size_t stride; // from one synapse to the next
    size_t partner; // of the first
    size_t length;
};

struct Rows {
    std::vector<size_t> start; // (n_sources + 1,) first run of each source
    std::vector<Run> runs;

    Rows(const std::vector<int32_t>& sources, const std::vector<int32_t>& partners, size_t n_sources)
        : start(n_sources + 1, 0)
    {
        // A list per source, linked from its last synapse back: one pass from the end puts them in order.
        std::vector<uint32_t> next(sources.size()), head(n_sources, sources.size());
        for (size_t s = sources.size(); s-- > 0;) {
            next[s] = head[sources[s]];
            head[sources[s]] = s;
        }
        for (size_t i = 0; i < n_sources; i++) {
            start[i] = runs.size();
            for (size_t s = head[i]; s < sources.size(); s = next[s]) {
                Run* last = runs.size() > start[i] ? &runs.back() : nullptr;
                if (last && last->length == 1) last->stride = s - last->first;
                if (last && s == last->first + last->length * last->stride &&
                    size_t(partners[s]) == last->partner + last->length)
                    last->length++;
                else
                    runs.push_back(Run{s, 1, size_t(partners[s]), 1});
            }
        }
        start[n_sources] = runs.size();
        runs.shrink_to_fit();
    }

    /* Whether the runs, one after the other, are all synapses in the order of their numbers, `least` or more to a run. */
    bool in_order(size_t least) const
    {
        size_t next = 0;
        for (const Run& run : runs) {
            if (run.first != next || run.stride != 1) return false;
            next += run.length;
        }
        return next >= least * runs.size();
    }

    /* How many of these sources, from the first on, have rows of the same partners, each one run without gaps. */
    int32_t alike(const int32_t* sources, int32_t n) const
    {
        const Run* first = nullptr;
        for (int32_t i = 0; i < n; i++) {
            if (start[sources[i] + 1] - start[sources[i]] != 1) return i ? i : 1;
            const Run& run = runs[start[sources[i]]];
            if (!first) first = &run;
            if (run.stride != 1 || run.partner != first->partner || run.length != first->length) return i ? i : 1;
        }
        return n;
    }
};

/* The rows of a list of sources; made once for all pathways that have it. One may ask for neurons behind the last
   source of another, as where the synapses are those of a part of a group: their rows are empty. */
inline const Rows& rows_of(const std::vector<int32_t>& sources, const std::vector<int32_t>& partners, size_t n_sources)
{
    static std::map<const void*, Rows> made;
    auto found = made.find(&sources);
    if (found == made.end()) found = made.emplace(&sources, Rows(sources, partners, n_sources)).first;
    std::vector<size_t>& start = found->second.start;
    if (start.size() < n_sources + 1) start.resize(n_sources + 1, found->second.runs.size());
    return found->second;
}

#endif
