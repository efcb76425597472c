"""The commands of the command line, one module each; ``cac.cli`` puts them together."""
