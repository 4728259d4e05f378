#!/bin/sh
# Makes the pictures that README.md shows: conf/pictures/make.sh STINT EXAMPLES FOLDER
# Called by `make docs`, and with shorter examples by tests/e2e/docs.bats, which compares.
set -eu

stint=$1 examples=$2 folder=$3

# Nothing that was learned of tasks before; two cores, on any machine.
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export XDG_STATE_HOME="$state"

"$stint" compare -j 2 --report "$folder/compare.svg" "$examples/models.json"
