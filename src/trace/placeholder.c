extern int trace_placeholder;
int trace_placeholder;
