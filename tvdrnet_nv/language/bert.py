"""BERT's forward pass over a dictionary of weights.

Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", 2019. Importing transformers costs 4 s, and
sentence-transformers 7 s; this costs nothing beside torch. A test compares it with sentence-transformers.
"""

from __future__ import annotations

import itertools

from torch import Tensor
from torch.nn import functional

_EPSILON = 1e-12  # of the layer norms


def bert_states(weights: dict[str, Tensor], tokens: Tensor, mask: Tensor, *, heads: int) -> Tensor:
    """The last layer's hidden states, [B, L, H] float32.

    Args:
        weights: under the names of transformers' `BertModel`.
        tokens: [B, L] int64, each text from its [CLS] to its [SEP], then padding.
        mask: [B, L], 1 for a token and 0 for padding.
        heads: of the attention.
    """

    def linear(name: str, x: Tensor) -> Tensor:
        return functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name: str, x: Tensor) -> Tensor:
        weight = weights[f"{name}.weight"]
        return functional.layer_norm(x, weight.shape, weight, weights[f"{name}.bias"], _EPSILON)

    def split(x: Tensor) -> Tensor:
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)

    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
    x = norm("embeddings.LayerNorm", x + weights["embeddings.token_type_embeddings.weight"][0])
    attend = (mask > 0)[:, None, None, :]
    for number in itertools.count():
        layer = f"encoder.layer.{number}"
        if f"{layer}.output.dense.weight" not in weights:
            return x
        query, key, value = (split(linear(f"{layer}.attention.self.{name}", x)) for name in ("query", "key", "value"))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=attend)
        mixed = mixed.transpose(1, 2).flatten(2)
        x = norm(f"{layer}.attention.output.LayerNorm", x + linear(f"{layer}.attention.output.dense", mixed))
        inner = functional.gelu(linear(f"{layer}.intermediate.dense", x))
        x = norm(f"{layer}.output.LayerNorm", x + linear(f"{layer}.output.dense", inner))
    return x
