"""Sentinel-1 radar tiles in grey; the Sentinel-2 colours of the same ground, made by a CycleGAN, out."""
