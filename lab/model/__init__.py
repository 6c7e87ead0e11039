"""A model's endpoint of OpenAI's shape: scripted, and faulty where told to be."""
