"""What stands in for the outside: no patching, a fake is passed in."""
