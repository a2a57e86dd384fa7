{# Nothing is computed in a step without an event. #}
{# USES_VARIABLES { N } #}
{% extends 'stock/reset.cpp' %}

{% block maincode %}
{% if is_pure(scalar_code) %}
    if (!{{get_array_name(eventspace_variable)}}[N]) return;
{% endif %}
{{ super() }}
{% endblock %}
