"""From exports at hand to a first configuration: which source each file is, what its columns and events mean."""
