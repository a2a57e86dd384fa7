{# What synapses do at a spike: those that act at once are walked in rows, without a queue and without indices. #}
{# USES_VARIABLES { _synaptic_pre, _synaptic_post } #}
{% extends 'stock/synapses.cpp' %}
{% set _forward = pathway.prepost == 'pre' %}
{% set _source = '_presynaptic_idx' if _forward else '_postsynaptic_idx' %}
{% set _partner = '_postsynaptic_idx' if _forward else '_presynaptic_idx' %}

{% set _held = held(without_indices(vector_code, _source, _partner), _source) %}
{% set _draws = drawn(_held.code, '_place - _start', codeobj_name) %}
{% set _fired = event_array(pathway) %}
{% set _sums = _held.after and is_free(_held.code, ('_idx',)) and not _draws.stream %}

{% block extra_headers %}
{{ super() }}
#include "rows.h"
{% if _held.after %}
// The lanes in which a sum is made are part of its bits: as many on all processors that have them.
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=256")
#endif
{% endif %}
{% endblock %}

{% macro _loop(first, end, stride) %}
                    {% if is_free(_held.code, ('_idx', _partner)) %}
                    #pragma GCC ivdep
                    {% endif %}
                    for (size_t _place = {{first}}; _place < {{end}}; _place++)
                    {
                        const size_t _idx = _run.first + _place{{stride}};
                        const size_t _vectorisation_idx = _idx;
                        const size_t {{_partner}} = _run.partner + _place;
                        {{_draws.code|autoindent}}
                    }
{% endmacro %}

{% macro _walk(stride) %}
                {% if _draws.stream %}
                for (size_t _start = 0; _start < _run.length; _start += _BLOCK)
                {
                    const size_t _length = _run.length - _start < _BLOCK ? _run.length - _start : _BLOCK;
                    {{_draws.buffers|autoindent}}
                    {{ _loop('_start', '_start + _length', stride) }}
                }
                {% else %}
                    {{ _loop('0', '_run.length', stride) }}
                {% endif %}
{% endmacro %}

{# All synapses of one neuron. #}
{% macro _one_row() %}
        const int32_t {{_source}} = {{_fired}}[_event];
        {{_held.before|autoindent}}
        for (size_t _r = _rows.start[{{_source}}]; _r < _rows.start[{{_source}} + 1]; _r++)
        {
            const Run _run = _rows.runs[_r];
            if (_run.stride == 1)
            {
                {{ _walk('') }}
            }
            else
            {
                {{ _walk(' * _run.stride') }}
            }
        }
        {{_held.after|autoindent}}
{% endmacro %}

{# Synapses `_tile` to `_end` of `n` rows of the same partners, from the `_row`-th event on. #}
{% macro _abreast(n) %}
                {% for row in range(n) %}
                const int32_t {{_source}}_{{row}} = {{_fired}}[_row + {{row}}];
                const Run _run_{{row}} = _rows.runs[_rows.start[{{_source}}_{{row}}]];
                {{_held.of_row(row, _source).before|autoindent}}
                {% endfor %}
                for (size_t _place = _tile; _place < _end; _place++)
                {
                    const size_t {{_partner}} = _run_0.partner + _place;
                    {% for row in range(n) %}
                    {
                        const size_t _idx_{{row}} = _run_{{row}}.first + _place;
                        const size_t _vectorisation_idx = _idx_{{row}};
                        {{_held.of_row(row, _source).code|autoindent}}
                    }
                    {% endfor %}
                }
                {% for row in range(n) %}
                {{_held.of_row(row, _source).after|autoindent}}
                {% endfor %}
{% endmacro %}

{% block maincode %}
{% if not in_rows(pathway) %}
{{ super() }}
{% else %}
    static const Rows& _rows = rows_of({{_dynamic__synaptic_pre if _forward else _dynamic__synaptic_post}},
                                       {{_dynamic__synaptic_post if _forward else _dynamic__synaptic_pre}}, _num_{{_fired}} - 1);
    const int32_t _num_events = {{_fired}}[_num_{{_fired}} - 1];
    {% if is_pure(scalar_code) %}
    if (!_num_events) return;
    {% endif %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    {{_draws.stream|autoindent}}
    {% if _sums %}
    // Rows of the same partners go side by side: what is read of a partner serves all of them, and no sum waits for another.
    for (int32_t _event = 0, _alike; _event < _num_events; _event += _alike)
    {
        _alike = _rows.alike({{_fired}} + _event, _num_events - _event);
        if (_alike == 1)
        {
            {{ _one_row() }}
            continue;
        }
        const size_t _length = _rows.runs[_rows.start[{{_fired}}[_event]]].length;
        for (size_t _tile = 0; _tile < _length; _tile += TILE)
        {
            const size_t _end = _tile + TILE < _length ? _tile + TILE : _length;
            // By fives: circuits of 10 and 20 neurons leave no rest.
            int32_t _row = _event;
            for (; _row + 5 <= _event + _alike; _row += 5)
            {
                {{ _abreast(5) }}
            }
            for (; _row + 2 <= _event + _alike; _row += 2)
            {
                {{ _abreast(2) }}
            }
            for (; _row < _event + _alike; _row++)
            {
                {{ _abreast(1) }}
            }
        }
    }
    {% else %}
    for (int32_t _event = 0; _event < _num_events; _event++)
    {
        {{ _one_row() }}
    }
    {% endif %}
{% endif %}
{% endblock %}
