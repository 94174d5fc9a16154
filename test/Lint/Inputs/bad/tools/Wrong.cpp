// Planted for machine-paths.test.
const char *path = "/home/someone/model";
