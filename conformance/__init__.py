"""What judges a deployment from outside, over HTTP alone: nothing here imports the other packages."""
