"""A challenger that was judged fit, tried on real traffic beside the champion."""
