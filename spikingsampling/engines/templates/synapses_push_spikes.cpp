{# A pathway walked in rows needs no queue of spikes. #}
{# USES_VARIABLES { _n_sources, _n_targets, delay, _source_dt } #}
{% extends 'stock/synapses_push_spikes.cpp' %}

{% block before_code %}
{% if in_rows(owner) %}
    // EMPTY_CODE_BLOCK
{% else %}
{{ super() }}
{% endif %}
{% endblock %}

{% block maincode %}
{% if not in_rows(owner) %}
{{ super() }}
{% endif %}
{% endblock %}
