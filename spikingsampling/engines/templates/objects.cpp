{# Arrays, and how they are set and written: tables instead of code for each, and only what is carried is written. #}
{% set _plain = [] %}
{% for var, varname in array_specs | dictsort(by='value') if var not in dynamic_array_specs %}
{% if _plain.append((var, varname)) %}{% endif %}
{% endfor %}
{% set _dynamic = dynamic_array_specs | dictsort(by='value') | list %}
{% set _own_static = [] %}
{% for spec in static_array_specs | sort if spec[0] not in array_specs.values() and spec[0] not in dynamic_array_specs.values() %}
{% if _own_static.append(spec) %}{% endif %}
{% endfor %}

{% macro cpp_file() %}
#include "objects.h"
#include "brianlib/stdint_compat.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace brian {

std::string results_dir = "results/";
std::vector<RandomGenerator> _random_generators;
uint64_t segment_seed = 0;
{% for net in networks | sort(attribute='name') %}
Network {{net.name}};
{% endfor %}
{% for var, varname in _plain %}
{{c_data_type(var.dtype)}} *{{varname}};
const int _num_{{varname}} = {{var.size}};
{% endfor %}
{% for var, varname in _dynamic %}
std::vector<{{c_data_type(var.dtype)}}> {{varname}};
{% endfor %}
{% for name, dtype, size, filename in _own_static %}
{{dtype}} *{{name}};
const int _num_{{name}} = {{size}};
{% endfor %}
{% for S in synapses | sort(attribute='name') %}
{% for path in S._pathways | sort(attribute='name') %}
SynapticPathway {{path.name}}({{dynamic_array_specs[path.synapse_sources]}}, {{path.source.start}}, {{path.source.stop}});
{% endfor %}
{% endfor %}
{% for clock in clocks | sort(attribute='name') %}
Clock {{clock.name}};
{% endfor %}

static char _type(const double*) { return 'd'; }
static char _type(const float*) { return 'f'; }
static char _type(const int32_t*) { return 'i'; }
static char _type(const int64_t*) { return 'l'; }
static char _type(const char*) { return 'c'; }

struct Array {
    const char* name; // of the variable, or of the file
    char type;
    void* data;
    size_t size, item;
};

template <typename T> static Array _array(const char* name, T* data, size_t size)
{
    return Array{name, _type(data), data, size, sizeof(T)};
}

template <typename T> static void _fill(const Array& array, T value)
{
    T* data = static_cast<T*>(array.data);
    for (size_t i = 0; i < array.size; i++) data[i] = value;
}

static void _set(const Array& array, const std::string& value)
{
    if (value[0] == '-' || (value[0] >= '0' && value[0] <= '9')) {
        const char* text = value.c_str();
        switch (array.type) {
        case 'd': _fill<double>(array, atof(text)); break;
        case 'f': _fill<float>(array, atof(text)); break;
        case 'i': _fill<int32_t>(array, atoi(text)); break;
        case 'l': _fill<int64_t>(array, atol(text)); break;
        default: _fill<char>(array, atoi(text));
        }
        return;
    }
    const size_t expected = array.size * array.item;
    FILE* file = fopen(value.c_str(), "rb");
    if (!file) {
        fprintf(stderr, "Could not read '%s'\n", value.c_str());
        return;
    }
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    if (size_t(size) != expected)
        fprintf(stderr, "Error reading '%s': file size %ld does not match expected size %zu\n", value.c_str(), size,
                expected);
    else if (fread(array.data, 1, expected, file) != expected)
        fprintf(stderr, "Error reading '%s'\n", value.c_str());
    fclose(file);
}

void set_variable_by_name(std::string name, std::string value)
{
    if (value == "true" || value == "True") value = "1";
    if (value == "false" || value == "False") value = "0";
    const Array arrays[] = {
        {% for var, varname in _plain if not var.read_only %}
        _array("{{var.owner.name}}.{{var.name}}", {{varname}}, {{var.size}}),
        {% endfor %}
        {% for var, varname in _dynamic if not var.read_only %}
        _array("{{var.owner.name}}.{{var.name}}", {{varname}}.data(), {{varname}}.size()),
        {% endfor %}
        {% for var, varname in timed_arrays | dictsort(by='value') %}
        _array("{{varname}}.values", {{varname}}_values, {{var.values.size}}),
        {% endfor %}
    };
    for (const Array& array : arrays)
        if (name == array.name) return _set(array, value);
    fprintf(stderr, "Cannot set unknown variable '%s'.\n", name.c_str());
    exit(1);
}

}

void _init_arrays()
{
    using namespace brian;
    #ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 17); // what a large array leaves goes back to the system at once
    #endif
    {% for var, varname in zero_arrays | sort(attribute='1') %}
    {% if varname in dynamic_array_specs.values() %}
    {{varname}}.resize({{var.size}});
    {% else %}
    {{varname}} = new {{c_data_type(var.dtype)}}[{{var.size}}]();
    {% endif %}
    {% endfor %}
    {% for var, varname, start in arange_arrays | sort(attribute='1') %}
    {% if varname in dynamic_array_specs.values() %}
    {{varname}}.resize({{var.size}});
    {% else %}
    {{varname}} = new {{c_data_type(var.dtype)}}[{{var.size}}];
    {% endif %}
    for (int i = 0; i < {{var.size}}; i++) {{varname}}[i] = {{start}} + i;
    {% endfor %}
    {% for name, dtype, size, filename in static_array_specs | sort %}
    {% if name in dynamic_array_specs.values() %}
    {{name}}.resize({{size}});
    {% else %}
    {{name}} = new {{dtype}}[{{size}}]();
    {% endif %}
    {% endfor %}
    {% for name, dtype, size, filename in _own_static %}
    {% for var, varname in _plain if name == '_static_array_' + varname and size == var.size and dtype == c_data_type(var.dtype) %}
    delete[] {{varname}}; // an array and what the main program copies into it lie in one place
    {{varname}} = {{name}};
    {% endfor %}
    {% endfor %}
    _random_generators.push_back(RandomGenerator());
}

void _load_arrays()
{
    using namespace brian;
    const Array arrays[] = {
        {% for name, dtype, size, filename in static_array_specs | sort if not is_brought(name) %}
        _array("static_arrays/{{filename}}", &{{name}}[0], {{size}}),
        {% endfor %}
        Array{nullptr, 'c', nullptr, 0, 1}
    };
    for (const Array& array : arrays)
        if (array.name) _set(array, array.name);
}

void _write_arrays()
{
    using namespace brian;
    const Array arrays[] = {
        {% for var, varname in _plain if is_carried(var) %}
        _array("{{get_array_filename(var)}}", {{varname}}, {{var.size}}),
        {% endfor %}
        {% for var, varname in _dynamic if is_carried(var) %}
        _array("{{get_array_filename(var)}}", {{varname}}.data(), {{varname}}.size()),
        {% endfor %}
        Array{nullptr, 'c', nullptr, 0, 1}
    };
    for (const Array& array : arrays) {
        if (!array.name) continue;
        FILE* file = fopen((results_dir + array.name).c_str(), "wb");
        bool written = file && fwrite(array.data, array.item, array.size, file) == array.size;
        if (file && fclose(file)) written = false;
        if (!written) printf("Error writing output file %s.\n", array.name);
    }
}

void _dealloc_arrays() {} // the process ends, and with it its memory
{% endmacro %}

{% macro h_file() %}
#ifndef _BRIAN_OBJECTS_H
#define _BRIAN_OBJECTS_H

#include "synapses_classes.h"
#include "brianlib/clocks.h"
#include "brianlib/stdint_compat.h"
#include "network.h"
#include "random.h"
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace brian {

extern std::string results_dir;
extern uint64_t segment_seed; // from which each stream starts

{# What code draws that no template of ours takes in blocks: Brian2's generator, bit for bit. #}
class RandomGenerator {
    std::mt19937 generator;
    double second;
    bool has_second = false;
public:
    void seed(unsigned long value)
    {
        generator.seed(value);
        segment_seed = value;
        has_second = false;
    }
    void seed() { seed(std::random_device()()); }
    double rand()
    {
        const long high = generator() >> 5, low = generator() >> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }
    double randn()
    {
        if (has_second) {
            has_second = false;
            return second;
        }
        double x, y, square;
        do {
            x = 2.0 * rand() - 1.0;
            y = 2.0 * rand() - 1.0;
            square = x * x + y * y;
        } while (square >= 1.0 || square == 0.0);
        const double factor = sqrt(-2.0 * log(square) / square);
        second = factor * x;
        has_second = true;
        return factor * y;
    }
};

extern std::vector<RandomGenerator> _random_generators;
{% for clock in clocks | sort(attribute='name') %}
extern Clock {{clock.name}};
{% endfor %}
{% for net in networks | sort(attribute='name') %}
extern Network {{net.name}};
{% endfor %}
void set_variable_by_name(std::string, std::string);
{% for var, varname in _dynamic %}
extern std::vector<{{c_data_type(var.dtype)}}> {{varname}};
{% endfor %}
{% for var, varname in _plain %}
extern {{c_data_type(var.dtype)}} *{{varname}};
extern const int _num_{{varname}};
{% endfor %}
{% for name, dtype, size, filename in _own_static %}
extern {{dtype}} *{{name}};
extern const int _num_{{name}};
{% endfor %}
{% for S in synapses | sort(attribute='name') %}
{% for path in S._pathways | sort(attribute='name') %}
extern SynapticPathway {{path.name}};
{% endfor %}
{% endfor %}
}

void _init_arrays();
void _load_arrays();
void _write_arrays();
void _dealloc_arrays();

#endif
{% endmacro %}
