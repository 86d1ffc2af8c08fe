/**
 * Runs clusters through random faults, checks every claim, and reproduces and shrinks what fails.
 *
 * @packageDocumentation
 */
export {};
