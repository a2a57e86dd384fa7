{# Synapses from two lists of neurons: no vector grows step by step, and the lists are freed. #}
{# USES_VARIABLES { _synaptic_pre, _synaptic_post, sources, targets,
                    N_incoming, N_outgoing, N,
                    N_pre, N_post, _source_offset, _target_offset }
#}
{# WRITES_TO_READ_ONLY_VARIABLES { _synaptic_pre, _synaptic_post,
                                   N_incoming, N_outgoing, N}
#}
{% extends 'stock/synapses_create_array.cpp' %}

{% block maincode %}
{% if multisynaptic_index %}
{{ super() }}
{% else %}
    {{_dynamic_N_outgoing}}.resize({{constant_or_scalar('N_pre', variables['N_pre'])}} + _source_offset);
    {{_dynamic_N_incoming}}.resize({{constant_or_scalar('N_post', variables['N_post'])}} + _target_offset);
    {{_dynamic__synaptic_pre}}.reserve({{N}} + _numsources);
    {{_dynamic__synaptic_post}}.reserve({{N}} + _numsources);
    for (size_t _idx = 0; _idx < _numsources; _idx++)
    {
        {{vector_code|autoindent}}
        {{_dynamic__synaptic_pre}}.push_back(_real_sources);
        {{_dynamic__synaptic_post}}.push_back(_real_targets);
        {{_dynamic_N_outgoing}}[_real_sources]++;
        {{_dynamic_N_incoming}}[_real_targets]++;
    }
    {% for name in ('sources', 'targets') %}
    {% set list = get_array_name(variables[name], access_data=False) %}
    delete[] {{list}};
    {{list}} = nullptr;
    {% endfor %}
    {{N}} = {{_dynamic__synaptic_pre}}.size();
    {% for varname in owner._registered_variables | variables_to_array_names(access_data=False) | sort %}
    {{varname}}.resize({{N}});
    {% endfor %}
{% endif %}
{% endblock %}
