"""The console's files: built by Vite from `console/`, answered from memory with the headers that keep strangers out."""
