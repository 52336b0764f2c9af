#!/bin/bash
# MNIST: 70,000 grey pictures of digits, 28 x 28. Source: DATA_DIR/mnist (LeCun, Cortes, Burges).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
for file in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
	unpack "mnist/$file-ubyte.xz" >"$work/$file-ubyte"
done
picture_config "$out/train-images-idx3-ubyte"
model_config cnn "$out/train-images-idx3-ubyte"
recipe_end
