"""Small segmenters of the real classes with random weights, saved as released ones are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from tests.language.tiny_models import WORDS, clip_tokenizer

_SHAPE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def settings(kind: str, size: int, **more: Any) -> dict[str, Any]:
    """Of an image processor."""
    return {
        "image_processor_type": kind,
        "do_resize": True,
        "size": {"height": size, "width": size},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
        **more,
    }


def _save(folder: Path, model: Any, tokenizer: Any, facts: dict[str, Any]) -> Path:
    model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(facts))
    return folder


def _text(tokenizer: Any, length: int = 16) -> dict[str, Any]:
    special = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    return {"vocab_size": len(tokenizer), "max_position_embeddings": length, **_SHAPE, **special}


def save_clipseg(folder: Path) -> Path:
    """A CLIPSegForImageSegmentation."""
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation

    torch.manual_seed(0)
    tokenizer = clip_tokenizer()
    config = CLIPSegConfig(
        text_config=_text(tokenizer),
        vision_config={"image_size": 32, "patch_size": 8, **_SHAPE},
        projection_dim=24,
        reduce_dim=16,
        extract_layers=[0, 1],
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )
    model = CLIPSegForImageSegmentation(config)
    return _save(folder, model, tokenizer, settings("ViTImageProcessor", 32))


def save_owlv2(folder: Path) -> Path:
    """An Owlv2ForObjectDetection."""
    from transformers import Owlv2Config, Owlv2ForObjectDetection

    torch.manual_seed(0)
    tokenizer = clip_tokenizer()
    config = Owlv2Config(
        text_config=_text(tokenizer), vision_config={"image_size": 32, "patch_size": 8, **_SHAPE}, projection_dim=32
    )
    facts = settings("Owlv2ImageProcessor", 32, do_pad=True, processor_class="Owlv2Processor")
    return _save(folder, Owlv2ForObjectDetection(config), tokenizer, facts)


def save_grounding_dino(folder: Path) -> Path:
    """A GroundingDinoForObjectDetection with a Swin and a BERT."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizerFast, GroundingDinoConfig, GroundingDinoForObjectDetection

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", *WORDS]
    words = BertWordPieceTokenizer({word: number for number, word in enumerate(vocabulary)}, lowercase=True)
    tokenizer = BertTokenizerFast(tokenizer_object=words._tokenizer, model_max_length=32)
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin",
            "image_size": 64,
            "embed_dim": 16,
            "depths": [1, 1, 1, 1],
            "num_heads": [1, 2, 2, 2],
            "window_size": 4,
            "out_indices": [2, 3, 4],
        },
        text_config={"model_type": "bert", "vocab_size": len(vocabulary), **_SHAPE},
        num_queries=9,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        d_model=32,
        max_text_len=32,
    )
    facts = settings("GroundingDinoImageProcessor", 64, do_pad=True, processor_class="GroundingDinoProcessor")
    facts |= {"size": {"shortest_edge": 48, "longest_edge": 96}, "format": "coco_detection"}
    return _save(folder, GroundingDinoForObjectDetection(config), tokenizer, facts)


def save_sam2(folder: Path) -> Path:
    """A Sam2Model."""
    from transformers import Sam2Config, Sam2Model

    torch.manual_seed(0)
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 12,
        "image_size": [64, 64],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [12, 24, 48, 96],
        "num_attention_heads_per_stage": [1, 2, 2, 2],
        "window_size_per_stage": [4, 4, 4, 4],
        "global_attention_blocks": [3],
    }
    config = Sam2Config(
        vision_config={
            "backbone_config": backbone,
            "backbone_channel_list": [96, 48, 24, 12],
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 64, "patch_size": 16},
        mask_decoder_config={
            "hidden_size": 32,
            "mlp_dim": 32,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 32,
        },
    )
    return _save(folder, Sam2Model(config), None, settings("Sam2ImageProcessor", 64))


def save_sam3(folder: Path) -> Path:
    """A Sam3Model."""
    from transformers import Sam3Config, Sam3Model

    torch.manual_seed(0)
    tokenizer = clip_tokenizer()
    small = {"hidden_size": 32, "num_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = Sam3Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam3_vit_model",
                **_SHAPE,
                "image_size": 56,
                "pretrain_image_size": 28,
                "patch_size": 14,
                "window_size": 2,
                "global_attn_indexes": [1],
            },
            "fpn_hidden_size": 32,
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        },
        text_config={"model_type": "clip_text_model", **_text(tokenizer, 32), "projection_dim": 24},
        geometry_encoder_config=small,
        detr_encoder_config=small,
        detr_decoder_config={**small, "num_queries": 7},
        mask_decoder_config={"hidden_size": 32, "num_attention_heads": 2},
    )
    return _save(folder, Sam3Model(config), tokenizer, settings("Sam3ImageProcessor", 56))
