/* The migrations in schema/ as the build embedded them (tools/embed_schema.sh writes the definitions). */
#ifndef HX_HOST_COMMON_SCHEMA_H
#define HX_HOST_COMMON_SCHEMA_H

struct hx_migration {
    int number; /* 1, 2, 3 … without gaps; the database remembers the last one applied. */
    const char *name;
    const char *sql;
};

extern const struct hx_migration hx_migrations[];
extern const int hx_migration_count;

#endif
