{# What all neurons or synapses do; where numbers are drawn, a block at a time. #}
{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{% extends 'stock/stateupdate.cpp' %}
{% set _draws = drawn(vector_code, '_place', codeobj_name) %}

{% block maincode %}
{% if not _draws.stream %}
{{ super() }}
{% else %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const size_t _N = {{constant_or_scalar('N', variables['N'])}};
    {{_draws.stream|autoindent}}
    for (size_t _start = 0; _start < _N; _start += _BLOCK)
    {
        const size_t _length = _N - _start < _BLOCK ? _N - _start : _BLOCK;
        {{_draws.buffers|autoindent}}
        {% if is_free(vector_code, ('_idx',)) %}
        #pragma GCC ivdep
        {% endif %}
        for (size_t _place = 0; _place < _length; _place++)
        {
            const size_t _idx = _start + _place;
            const size_t _vectorisation_idx = _idx;
            {{_draws.code|autoindent}}
        }
    }
{% endif %}
{% endblock %}
