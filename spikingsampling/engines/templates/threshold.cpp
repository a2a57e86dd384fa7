{# Who fires: 64 conditions at a time become the bits of a word, without a branch for each; few bits are set. #}
{# USES_VARIABLES { N } #}
{% extends 'stock/threshold.cpp' %}

{% macro _scan(length, at_least) %}
        uint64_t _fires = 0;
        for (size_t _bit = 0; _bit < {{length}}; _bit++)
        {
            const size_t _idx = _start + _bit;
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            _fires |= uint64_t(bool(_cond)) << _bit;
        }
        {% if at_least %}
        // Few bits are set, and how many cannot be foretold: some places are written anyhow, and again if they were not due.
        int32_t* _next = {{get_array_name(eventspace_variable)}} + _count;
        _count += __builtin_popcountll(_fires);
        for (int _bit = 0; _bit < {{at_least}}; _bit++, _fires &= _fires - 1)
            *_next++ = _start + __builtin_ctzll(_fires | uint64_t(1) << 63);
        for (; _fires; _fires &= _fires - 1)
            *_next++ = _start + __builtin_ctzll(_fires);
        {% else %}
        for (; _fires; _fires &= _fires - 1)
            {{get_array_name(eventspace_variable)}}[_count++] = _start + __builtin_ctzll(_fires);
        {% endif %}
{% endmacro %}

{% block maincode %}
{% if _uses_refractory %}
{{ super() }}
{% else %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    long _count = 0;
    size_t _start = 0;
    for (; _start + 64 <= size_t(N); _start += 64)
    {
        {{ _scan("64", 4) }}
    }
    {
        {{ _scan("size_t(N) - _start", 0) }}
    }
    {{get_array_name(eventspace_variable)}}[N] = _count;
{% endif %}
{% endblock %}
