"""What is deployed, named: its packages with their licences, its bills of materials, its assets built twice."""
