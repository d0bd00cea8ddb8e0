"""One file a family of backbones; `networks.registry` lists them."""
