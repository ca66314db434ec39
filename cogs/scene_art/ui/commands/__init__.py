"""`/scene-art …` and `/scene-art-mod …`: the commands."""
