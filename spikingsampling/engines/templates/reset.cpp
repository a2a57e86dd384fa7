{# What the neurons with an event do; where numbers are drawn, a block at a time. #}
{# USES_VARIABLES { N } #}
{% extends 'stock/reset.cpp' %}
{% set _draws = drawn(vector_code, '_place', codeobj_name) %}

{% block maincode %}
{% if is_pure(scalar_code) %}
    if (!{{get_array_name(eventspace_variable)}}[N]) return;
{% endif %}
{% if not _draws.stream %}
{{ super() }}
{% else %}
    const int32_t* _events = {{get_array_name(eventspace_variable)}};
    const size_t _num_events = _events[N];
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    {{_draws.stream|autoindent}}
    for (size_t _start = 0; _start < _num_events; _start += _BLOCK)
    {
        const size_t _length = _num_events - _start < _BLOCK ? _num_events - _start : _BLOCK;
        {{_draws.buffers|autoindent}}
        {% if is_free(vector_code, ('_idx',)) %}
        #pragma GCC ivdep
        {% endif %}
        for (size_t _place = 0; _place < _length; _place++)
        {
            const size_t _idx = _events[_start + _place];
            const size_t _vectorisation_idx = _idx;
            {{_draws.code|autoindent}}
        }
    }
{% endif %}
{% endblock %}
