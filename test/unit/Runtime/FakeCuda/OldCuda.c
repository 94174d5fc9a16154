/* A driver of long ago: it initializes and can do nothing else. */
int cuInit(unsigned flags) {
  (void)flags;
  return 0;
}
