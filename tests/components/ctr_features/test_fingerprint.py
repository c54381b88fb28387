"""A hashed feature has the bucket that TensorFlow's own operation gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.ctr._fingerprint import hash_buckets


@pytest.mark.slow
def test_every_length_of_text_has_tensorflows_bucket() -> None:
    import tensorflow as tf

    texts = ["".join(chr(33 + (7 * n + k) % 90) for k in range(n)) for n in range(300)]
    expected = tf.strings.to_hash_bucket_fast(texts, 2**40).numpy()
    assert hash_buckets(texts, 2**40).tolist() == expected.tolist()


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=100), min_size=1))
def test_any_text_has_tensorflows_bucket(texts: list[str]) -> None:
    import tensorflow as tf

    expected = tf.strings.to_hash_bucket_fast(texts, 1_000_003).numpy()
    assert hash_buckets(texts, 1_000_003).tolist() == expected.tolist()
