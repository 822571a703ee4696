"""Which glTF extensions are read, which may be passed over, and which cannot be."""

from __future__ import annotations

from tvdrnet_nv.io.gltf.document import TOOL, Document

_READ = {
    "KHR_draco_mesh_compression",
    "KHR_mesh_quantization",
    "KHR_texture_transform",
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_materials_unlit",
    "KHR_node_visibility",
    "EXT_mesh_gpu_instancing",
    "EXT_texture_webp",
    "EXT_texture_avif",
    "CESIUM_RTC",
}
# Looked at where they are met: a picture or a mesh without them may be there as well.
_MET_LATER = {"KHR_texture_basisu", "EXT_meshopt_compression", "KHR_meshopt_compression", "MSFT_texture_dds"}
# They change neither where the surface is nor its base colour.
_HARMLESS_STARTS = ("KHR_materials_", "EXT_materials_", "ADOBE_materials_", "KHR_animation_", "KHR_xmp", "KHR_audio")
_HARMLESS = {
    "KHR_lights_punctual",
    "EXT_lights_image_based",
    "EXT_lights_ies",
    "EXT_mesh_features",
    "EXT_instance_features",
    "EXT_structural_metadata",
    "EXT_mesh_manifold",
    "EXT_feature_metadata",
    "CESIUM_primitive_outline",
    "KHR_node_hoverability",
    "KHR_node_selectability",
    "KHR_interactivity",
    "MSFT_lod",
    "MSFT_packing_normalRoughnessMetallic",
    "MSFT_packing_occlusionRoughnessMetallic",
    "FB_geometry_metadata",
}


def check_extensions(document: Document) -> None:
    """Refuse a file that needs an extension which is not read; note one that it merely uses.

    Raises:
        InputError: an entry of extensionsRequired is not known.
    """
    unknown = [name for name in document.extensions("extensionsRequired") if not _known(name)]
    if unknown:
        raise document.refuse(f"needs the glTF extension {', '.join(unknown)}, which is not read; export it without")
    unused = [name for name in document.extensions("extensionsUsed") if not _known(name)]
    if unused:
        document.notes.append(f"Its glTF extensions that are not read: {', '.join(unused)}.")


def _known(name: str) -> bool:
    return name in _READ | _MET_LATER | _HARMLESS or name.startswith(_HARMLESS_STARTS)


def note_variants(document: Document) -> None:
    """Note how many variants of its materials a file has: the default ones are shown."""
    extensions = document.tree.get("extensions")
    found = extensions.get("KHR_materials_variants") if isinstance(extensions, dict) else None
    variants = found.get("variants") if isinstance(found, dict) else None
    if isinstance(variants, list) and variants:
        document.notes.append(f"Its materials have variants ({len(variants)}), of which the default is shown.")


def ktx2(document: Document) -> str:
    """What to say of a picture in KTX2."""
    return (
        "has textures in KTX2 (KHR_texture_basisu), which are not read; type "
        f"`gltf-transform ktxdecompress {document.path.name} plain.glb` ({TOOL}) and give plain.glb"
    )
