"""Small models of the real classes with random weights, saved as released ones are."""

import json
from pathlib import Path

import torch

WORDS = ("a", "view", "of", "the", "room", "chair", "sofa", "desk", "word", "and", "photo")


def save_clip(folder: Path, *, size: int = 32, crops: bool = True, nested: bool = False) -> Path:
    """A CLIPModel with its tokenizer and processor; nested: the processor's settings as transformers 5 writes them."""
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(0)
    tokenizer = clip_tokenizer()
    model = CLIPModel(
        CLIPConfig(
            text_config={
                "vocab_size": len(tokenizer),
                "hidden_size": 32,
                "intermediate_size": 64,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "max_position_embeddings": 16,
                "bos_token_id": tokenizer.bos_token_id,
                "eos_token_id": tokenizer.eos_token_id,
                "pad_token_id": tokenizer.pad_token_id,
            },
            vision_config={
                "hidden_size": 32,
                "intermediate_size": 64,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "image_size": size,
                "patch_size": 8,
            },
            projection_dim=24,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": size} if crops else {"height": size, "width": size},
        "resample": 3,
        "do_center_crop": crops,
        "crop_size": {"height": size, "width": size},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    name, content = "preprocessor_config.json", settings
    if nested:
        name, content = "processor_config.json", {"image_processor": settings, "processor_class": "CLIPProcessor"}
    (folder / name).write_text(json.dumps(content))
    return folder


def clip_tokenizer():
    """A CLIPTokenizer that knows the letters, and the words above as whole."""
    from transformers import CLIPTokenizer

    letters = [chr(code) for code in range(33, 127)]
    pieces = [*letters, *(f"{letter}</w>" for letter in letters)]
    merges: list[tuple[str, str]] = []
    for word in WORDS:  # left to right: c h -> ch, ch a -> cha, ...
        parts = [*word[:-1], f"{word[-1]}</w>"]
        left = parts[0]
        for part in parts[1:]:
            if (left, part) not in merges:
                merges.append((left, part))
            left += part
    pieces += [left + right for left, right in merges]
    pieces += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=16)


def save_siglip(folder: Path, *, size: int = 32) -> Path:
    """A SiglipModel with a tokenizer that knows the words above, and its processor's settings."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipModel

    torch.manual_seed(0)
    vocabulary = {word: number for number, word in enumerate(("<pad>", "<unk>", *WORDS))}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", pad_token="<pad>")
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {"vocab_size": len(vocabulary), "max_position_embeddings": 12, "projection_size": 32, **shape}
    model = SiglipModel(
        SiglipConfig(text_config=text, vision_config={"image_size": size, "patch_size": 8, **shape}),
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = {
        "image_processor_type": "SiglipImageProcessor",
        "do_resize": True,
        "size": {"height": size, "width": size},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def open_clip_config(*, size: int = 32) -> dict:
    """Of a small CLIP, as open_clip's own files describe models."""
    return {
        "embed_dim": 24,
        "vision_cfg": {"image_size": size, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
    }
