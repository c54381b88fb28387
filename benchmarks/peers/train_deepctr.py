"""Train DeepCTR's DeepFM on encoded rows; runs in an environment of its own, without this project.

train_deepctr.py DATA.npz OUT.npz SETTINGS.json: the scores of the test rows, one array a seed.
Keras 3 knows DeepCTR's sparse features; its dense ones fail there, so all fields are categorical.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from deepctr.feature_column import SparseFeat
from deepctr.models import DeepFM


def main(data: str, target: str, settings: str) -> None:
    rows = np.load(data)
    told = json.loads(Path(settings).read_text())
    scores = {}
    for seed in told["seeds"]:
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        columns = [
            SparseFeat(f"field{n}", size, embedding_dim=told["dimension"])
            for n, size in enumerate(told["sizes"])
        ]
        model = DeepFM(
            columns,
            columns,
            dnn_hidden_units=told["hidden_units"],
            l2_reg_linear=0,
            l2_reg_embedding=0,
            l2_reg_dnn=0,
            dnn_dropout=0,
            dnn_use_bn=False,
            seed=seed,
        )
        model.compile(
            keras.optimizers.Adam(told["learning_rate"], epsilon=1e-8), "binary_crossentropy"
        )
        model.fit(
            inputs(rows["train"]),
            rows["label"],
            batch_size=told["batch_size"],
            epochs=told["epochs"],
            shuffle=True,
            verbose=0,
        )
        score = model.predict(inputs(rows["test"]), batch_size=8192, verbose=0)
        scores[str(seed)] = np.asarray(score, np.float64).reshape(-1)
        print(f"seed {seed} done", flush=True)
    np.savez(target, **scores)


def inputs(index):
    return {f"field{n}": index[:, n] for n in range(index.shape[1])}


if __name__ == "__main__":
    main(*sys.argv[1:])
