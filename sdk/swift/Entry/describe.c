/* Prints the manifest of the strategy it is linked with. Used by sdk/build, never shipped. */
#include <stdint.h>
#include <stdio.h>

int32_t tapedeck_describe(void (*write)(const void *bytes, intptr_t count));

static void put(const void *bytes, intptr_t count) { fwrite(bytes, 1, (size_t)count, stdout); }

int main(void) { return tapedeck_describe(put); }
