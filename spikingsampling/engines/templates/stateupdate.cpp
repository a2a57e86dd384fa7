{# What all neurons or synapses do; where numbers are drawn, a block at a time. Synapses that lie in rows need no indices. #}
{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{% extends 'stock/stateupdate.cpp' %}
{% set _ends = ends_of(owner, vector_code) %}
{% set _draws = drawn(vector_code, '_place', codeobj_name) %}
{% set _inner = drawn(without_indices(vector_code, '_presynaptic_idx', '_postsynaptic_idx'), '_place', codeobj_name) %}

{% block extra_headers %}
{{ super() }}
{% if _ends %}
#include "rows.h"
{% endif %}
{% endblock %}

{# Elements from `first` to `end`; `partner` is the postsynaptic neuron of the first of all where they are a row. #}
{% macro _pass(code, first, end, partner) %}
        {% if is_free(vector_code, ('_idx',)) %}
        #pragma GCC ivdep
        {% endif %}
        for (size_t _place = 0; _place < {{end}} - {{first}}; _place++)
        {
            const size_t _idx = {{first}} + _place;
            const size_t _vectorisation_idx = _idx;
            {% if partner %}
            const size_t _postsynaptic_idx = {{partner}} + _place;
            {% endif %}
            {{code|autoindent}}
        }
{% endmacro %}

{% block maincode %}
{% if not _draws.stream and not _ends %}
{{ super() }}
{% else %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const size_t _N = {{constant_or_scalar('N', variables['N'])}};
    {{_draws.stream|autoindent}}
    {% if _ends %}
    static const Rows& _rows = rows_of({{_ends.pre}}, {{_ends.post}}, {{_ends.n_pre}});
    static const bool _in_rows = _rows.in_order(8);
    if (_in_rows)
    {
        for (size_t _presynaptic_idx = 0; _presynaptic_idx < {{_ends.n_pre}}; _presynaptic_idx++)
        for (size_t _r = _rows.start[_presynaptic_idx]; _r < _rows.start[_presynaptic_idx + 1]; _r++)
        {
            const Run _run = _rows.runs[_r];
            {% if _draws.stream %}
            for (size_t _start = 0; _start < _run.length; _start += _BLOCK)
            {
                const size_t _length = _run.length - _start < _BLOCK ? _run.length - _start : _BLOCK;
                {{_inner.buffers|autoindent}}
                {{ _pass(_inner.code, '(_run.first + _start)', '(_run.first + _start + _length)', '_run.partner + _start') }}
            }
            {% else %}
            {{ _pass(_inner.code, '_run.first', '(_run.first + _run.length)', '_run.partner') }}
            {% endif %}
        }
        return;
    }
    {% endif %}
    {% if _draws.stream %}
    for (size_t _start = 0; _start < _N; _start += _BLOCK)
    {
        const size_t _length = _N - _start < _BLOCK ? _N - _start : _BLOCK;
        {{_draws.buffers|autoindent}}
        {{ _pass(_draws.code, '_start', '(_start + _length)', '') }}
    }
    {% else %}
    {{ _pass(_draws.code, '0', '_N', '') }}
    {% endif %}
{% endif %}
{% endblock %}
