"""Throws broken input at everything that reads what strangers wrote, and watches time, memory and promises."""
