"""Workers are killed between what they did and their saying so, as often as it takes to believe the result."""
