{# The main loop: the functions that are due are looked up again only when other clocks tick than in the step before. #}
{% macro cpp_file() %}
#include "network.h"
#include <cmath>
#include <ctime>

double Network::_last_run_time = 0.0;
double Network::_last_run_completed_fraction = 0.0;
bool Network::_globally_stopped = false;
bool Network::_globally_running = false;

static double _seconds_since(std::clock_t start)
{
    return double(std::clock() - start) / CLOCKS_PER_SEC;
}

void Network::run(const double duration, report_function report, const double report_period)
{
    const double t_start = t, t_end = t + duration;
    const std::clock_t start = std::clock();
    double next_report = report_period;
    std::vector<Clock*> clocks;
    std::vector<size_t> clock_of;
    for (const auto& object : objects) {
        size_t c = 0;
        while (c < clocks.size() && clocks[c] != object.first) c++;
        if (c == clocks.size()) clocks.push_back(object.first);
        clock_of.push_back(c);
    }
    for (Clock* clock : clocks) clock->set_interval(t_start, t_end);
    if (report) report(0.0, 0.0, t_start, duration);

    std::vector<char> ticking(clocks.size(), 0), before(clocks.size(), 0);
    std::vector<codeobj_func> due;
    bool ended = clocks.empty();
    _globally_running = true;
    _globally_stopped = false;
    while (!ended && !_globally_stopped) {
        Clock* first = clocks[0];
        for (Clock* clock : clocks)
            if (clock->t[0] < first->t[0]) first = clock;
        ended = !first->running();
        if (ended) break;
        t = first->t[0];
        for (size_t c = 0; c < clocks.size(); c++) ticking[c] = std::fabs(clocks[c]->t[0] - t) <= 1e-14;
        if (ticking != before) {
            due.clear();
            for (size_t i = 0; i < objects.size(); i++)
                if (ticking[clock_of[i]] && objects[i].second) due.push_back(objects[i].second);
            before = ticking;
        }
        for (codeobj_func run_object : due) run_object();
        for (size_t c = 0; c < clocks.size(); c++)
            if (ticking[c]) clocks[c]->tick();
        if (report && _seconds_since(start) > next_report) {
            report(_seconds_since(start), (t - t_start) / duration, t_start, duration);
            next_report += report_period;
        }
        {% if maximum_run_time is not none %}
        if (_seconds_since(start) > {{maximum_run_time}}) _globally_stopped = true;
        {% endif %}
    }
    _globally_running = false;
    if (!_globally_stopped) t = t_end;
    _last_run_time = _seconds_since(start);
    _last_run_completed_fraction = duration > 0 ? (t - t_start) / duration : 1.0;
    if (report) report(_last_run_time, _last_run_completed_fraction, t_start, duration);
}
{% endmacro %}

{% macro h_file() %}
#ifndef _BRIAN_NETWORK_H
#define _BRIAN_NETWORK_H

#include <utility>
#include <vector>
#include "brianlib/clocks.h"

typedef void (*codeobj_func)();
typedef void (*report_function)(const double, const double, const double, const double);

class Network
{
public:
    std::vector<std::pair<Clock*, codeobj_func>> objects;
    double t = 0.0;
    static double _last_run_time;
    static double _last_run_completed_fraction;
    static bool _globally_stopped;
    static bool _globally_running;

    void clear() { objects.clear(); }
    void add(Clock* clock, codeobj_func run_object) { objects.emplace_back(clock, run_object); }
    void run(const double duration, report_function report, const double report_period);
};

#endif
{% endmacro %}
