"""A simulation of devices that answer SNMP: for the demo office, for tests and for benches.

It plays recordings that were made here, of devices that never were; makers' names are real where their way of
answering is what matters, serial numbers, names and places are fictional. It shares nothing with the sources that read
SNMP, so that the two check each other.
"""
