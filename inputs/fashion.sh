#!/bin/bash
# Fashion-MNIST: 70,000 grey pictures of 28 x 28 in 10 categories (Zalando Research, MIT), from Debian's
# dataset-fashion-mnist; DATA_DIR is not used ("-" will do). names.txt has the categories in the
# order of the labels.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
source=/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz
[ -r "$source" ] || die 69 "$source is missing; apt-get install dataset-fashion-mnist"
printf '%s\n' T-shirt/top Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag 'Ankle boot' \
	>"$work/names.txt"
picture_config "$source"
model_config fashion "$source"
recipe_end
