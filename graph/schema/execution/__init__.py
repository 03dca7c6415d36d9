"""Operations: parsed, compiled, run, and explained."""
