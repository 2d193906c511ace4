#!/bin/sh
# install.sh BIN LOCK: install exactly what LOCK pins, hashes checked.
# uv is several times faster; pip is asked when uv cannot reach an index that only pip was told of.
bin=$1
lock=$2
"$bin/uv" pip install --quiet --system-certs --python "$bin/python" --require-hashes -r "$lock" && exit 0
echo "uv could not install $lock; trying pip, which takes longer." >&2
exec "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
