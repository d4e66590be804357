"""The Open Inference Protocol, version 2, over HTTP: fields of instances and of answers as tensors."""
