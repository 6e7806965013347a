"""What networks share, or what one network needs beside its own file: no network by itself."""
