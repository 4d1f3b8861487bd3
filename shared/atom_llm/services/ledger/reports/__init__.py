"""What was spent, as sums, rows and exports."""
