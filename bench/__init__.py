"""What Heed costs in CPU, calls and dollars, measured: ``python -m bench``. Not shipped."""
