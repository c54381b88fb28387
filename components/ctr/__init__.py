"""Components for click-through-rate models: features, blocks, training and evaluation."""
