"""Errors 400 about a picture in the request are recognized, whatever their words."""

from __future__ import annotations

import time

import pytest

from cogs.scene_art.painters.gemini.objections import names_an_input_image


@pytest.mark.parametrize(
    "message",
    [
        "Provided image is not valid.",
        "Unable to process input image. Please retry or report.",
        "Unable to process one of the provided input_images.",
        "Request contains an invalid image for image generation.",
        "Image size is too small: 4x4 pixels of input picture",
        "Image size is too small.",
        "The image size exceeds 7 MB.",
        "The image is too small",
        "Failed to decode image at index 2",
        "Unsupported MIME type: image/webp",
        "Unsupported MIME type: png",
        "mimeType parameter is not supported",
        "Unsupported media type application/octet-stream for part 4",
        "contents.parts[2].inlineData: unsupported media",
        "image media type not supported",
        "Invalid value at 'contents[0].parts[3].inline_data.data' (TYPE_BYTES), Base64 decoding failed",
        "* GenerateContentRequest.contents[0].parts[1].inline_data.mime_type: MIME type must be image/png.",
        "Could not load JPEG: corrupt data",
        "cannot identify JPG file",
        "PNG: IDAT: incorrect data check",
        "The provided photo could not be decoded.",
        "Photograph 3 is unreadable.",
        "Invalid file format: webp is not supported",
        "Unsupported file type.",
        "inputImages[1] is corrupt",
        "INPUT_IMAGE_INVALID",
        "Reference image 2 could not be read.",
        "Could not edit the supplied images.",
        "The data of part 3 is corrupted.",
        "Picture 2 has too many pixels.",
        "Unable to generate an image from the provided photo.",
        "The input image's aspect ratio must be between 1:3 and 3:1.",
        "Input image aspect ratio is too extreme.",
        "models/gemini-3-pro-image cannot read the uploaded picture.",
        "Input image size is too small.",
        "Attachment 2 is not supported.",
        "Animated GIFs are not supported.",
        "Unsupported colour space: CMYK.",
        "Image exceeds the maximum size of 7 MB.",
        "Image input modality is not enabled for models/gemini-x.",
    ],
)
def test_these_name_a_picture_that_was_sent(message: str) -> None:
    assert names_an_input_image(message)


@pytest.mark.parametrize(
    "message",
    [
        "Request contains an invalid argument.",
        "Invalid value for image_config.aspect_ratio",
        "Invalid value for imageConfig.aspectRatio",
        "Invalid aspect ratio for image: 7:3",
        "Image aspect ratio 7:3 is not supported.",
        "image_size 8K is not supported",
        "imageSize must be one of '1K', '2K', '4K'.",
        "The image size 8K is not supported.",
        "Image generation is not available in your country",
        "Image-generation is disabled for this project.",
        "Unable to generate images for this prompt.",
        "The model cannot create an image of this.",
        "The requested image could not be produced.",
        "This model does not support image output.",
        "Generated images are limited to 4.",
        "number_of_images must be 1.",
        "numberOfImages must be 1.",
        "Unknown name \"x\" at 'generation_config.image_config'.",
        "Unknown name \"personGeneration\" at 'generation_config.image_config': Cannot find field.",
        "Invalid value at 'generation_config.response_modalities[1]' (Modality), \"IMAGE\"",
        "Model does not support the requested response modalities: image,text",
        "The requested combination of response modalities (TEXT, IMAGE) is not supported by the model.",
        "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`.",
        "imageConfig.imageOutputOptions.mimeType: image/bmp is not supported.",
        "Output format webp is not supported.",
        "Unsupported output MIME type: image/webp",
        "Developer instruction is not enabled for models/gemini-2.5-flash-image",
        "gemini-3-pro-image-preview does not support thinking_level.",
        "Function calling is not supported for image models.",
        "The provided image_size is invalid.",
        "The given imageConfig is invalid.",
        "The requested 4K image is not available.",
        "Images cannot be generated for this prompt.",
        "No image was generated.",
        "Image editing is not available in your region.",
        "Image search is not enabled for this project.",
        "Invalid value for safety_settings: HARM_CATEGORY_IMAGE_HATE",
        "media_resolution is not supported",
        "Invalid value at 'contents[0].parts[0].text'",
        "Could not decode the JSON payload.",
        "Multi-modal output is not supported.",
        "The input token count (40000) exceeds the maximum number of tokens allowed.",
        'Unknown name "serviceTier": Cannot find field.',
        "User location is not supported for the API use.",
        "Imagine a better prompt.",
        "",
    ],
)
def test_these_name_none(message: str) -> None:
    assert not names_an_input_image(message)


@pytest.mark.parametrize(
    "piece", ["image size ", "generate a the any ", "modality ", "models/", "input ", "aA", "harm_"]
)
def test_a_long_message_takes_no_time(piece: str) -> None:
    before = time.process_time()
    names_an_input_image((piece * 4_000)[:4_000])
    assert time.process_time() - before < 0.2, "seconds"
