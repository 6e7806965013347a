"""AWS on the laptop: the deployed template carried out on an emulator, with Lambda's event sources played by pumps."""
