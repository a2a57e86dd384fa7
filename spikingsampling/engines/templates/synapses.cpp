{# What synapses do at a spike: those that act at once are walked in rows, without a queue and without indices. #}
{# USES_VARIABLES { _synaptic_pre, _synaptic_post } #}
{% extends 'stock/synapses.cpp' %}
{% set _forward = pathway.prepost == 'pre' %}
{% set _source = '_presynaptic_idx' if _forward else '_postsynaptic_idx' %}
{% set _partner = '_postsynaptic_idx' if _forward else '_presynaptic_idx' %}

{% set _held = held(without_indices(vector_code, _source, _partner), _source) %}
{% set _draws = drawn(_held.code, '_place - _start', codeobj_name) %}
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

{% block maincode %}
{% if not in_rows(pathway) %}
{{ super() }}
{% else %}
    {% set events = event_array(pathway) %}
    static const Rows& _rows = rows_of({{_dynamic__synaptic_pre if _forward else _dynamic__synaptic_post}},
                                       {{_dynamic__synaptic_post if _forward else _dynamic__synaptic_pre}}, _num_{{events}} - 1);
    const int32_t _num_events = {{events}}[_num_{{events}} - 1];
    {% if is_pure(scalar_code) %}
    if (!_num_events) return;
    {% endif %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    {{_draws.stream|autoindent}}
    {% if _sums %}
    // Long rows, of the same partners as a rule, go side by side, so that what is read of a partner stays near.
    const size_t _shared = _num_events > 1 ? _rows.shared({{events}}, _num_events) : 0;
    if (_shared > TILE)
    {
        for (size_t _tile = 0; _tile < _shared; _tile += TILE)
        {
            const size_t _end = _tile + TILE < _shared ? _tile + TILE : _shared;
            for (int32_t _event = 0; _event < _num_events; _event++)
            {
                const int32_t {{_source}} = {{events}}[_event];
                const Run _run = _rows.runs[_rows.start[{{_source}}]];
                {{_held.before|autoindent}}
                {{ _loop('_tile', '_end', '') }}
                {{_held.after|autoindent}}
            }
        }
        return;
    }
    {% endif %}
    for (int32_t _event = 0; _event < _num_events; _event++)
    {
        const int32_t {{_source}} = {{events}}[_event];
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
    }
{% endif %}
{% endblock %}
