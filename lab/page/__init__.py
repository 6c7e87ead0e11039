"""The lab's page: a chat client that one knows, without a build."""
