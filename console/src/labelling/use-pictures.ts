/** The page of pictures that is labelled: the same filters as the gallery's, from the address. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { type ImagesFilter, type ImagesPage, listImages } from "../api/lensmith.ts";
import { useSearch } from "../shell/address.ts";
import type { Labelling } from "./labelling.ts";

export const PAGE_SIZES = [20, 50, 100, 200, 500] as const;
/** How often to look whether somebody else changed the pictures shown. */
const WATCH_MS = 8_000;

export interface PicturesPage {
  readonly keys: readonly string[];
  readonly total: number;
  /** Whether there may be more than were found so far. */
  readonly isOpen: boolean;
  readonly counts: ImagesPage["counts"] | undefined;
  readonly page: number;
  readonly size: number;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

const flag = (text: string | null): boolean | undefined =>
  text === "true" ? true : text === "false" ? false : undefined;

/** Read filters and page from an address. */
export function filterOf(search: URLSearchParams): ImagesFilter & { limit: number; page: number } {
  const size = Number(search.get("size"));
  const limit = (PAGE_SIZES as readonly number[]).includes(size) ? size : 50;
  const page = Math.max(1, Math.floor(Number(search.get("page"))) || 1);
  const [labeled, errors, name] = [flag(search.get("labeled")), flag(search.get("errors")), search.get("name")];
  return {
    page,
    limit,
    offset: (page - 1) * limit,
    label: search.getAll("label"),
    ...(labeled === undefined ? {} : { labeled }),
    ...(errors ? { errors } : {}),
    ...(name ? { name } : {}),
  };
}

const NO_KEYS: readonly string[] = [];

export function usePictures({ project, kind, session }: Labelling): PicturesPage {
  const search = useSearch();
  const text = JSON.stringify(filterOf(search));
  const client = useQueryClient();
  const countsKey = useMemo(() => ["dataset", project, kind, "labelling-counts", text], [project, kind, text]);
  // Unlike the pictures shown, the counts follow what is saved.
  const { data: counts } = useQuery({
    queryKey: countsKey,
    queryFn: async ({ signal }) => {
      const { page: _page, ...filter } = JSON.parse(text) as ReturnType<typeof filterOf>;
      return (await listImages(project, kind, { ...filter, limit: 1 }, signal)).counts;
    },
    staleTime: Infinity,
    enabled: client.getQueryData(countsKey) !== undefined,
  });
  const query = useQuery({
    queryKey: ["dataset", project, kind, "labelling", text],
    queryFn: async ({ signal }) => {
      const { page: _page, ...filter } = JSON.parse(text) as ReturnType<typeof filterOf>;
      let found: ImagesPage | undefined;
      await session.load(async () => {
        found = await listImages(project, kind, filter, signal);
        return found.images;
      });
      const keys = found?.images.map((image) => image.source_ref) ?? [];
      client.setQueryData(countsKey, found?.counts);
      return { keys, total: found?.total ?? 0, isOpen: found?.isOpen === true };
    },
    // The pictures stay where they are while they are labelled, also when they leave the filter.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden || session.saving().isSaving) return;
      const { page: _page, ...filter } = JSON.parse(text) as ReturnType<typeof filterOf>;
      session
        .load(async () => {
          const found = await listImages(project, kind, filter);
          client.setQueryData(countsKey, found.counts);
          return found.images;
        })
        .catch(() => undefined);
    }, WATCH_MS);
    return () => clearInterval(timer);
  }, [client, countsKey, project, kind, session, text]);
  const { data, isPending, error, refetch } = query;
  return useMemo(() => {
    const { page, limit } = JSON.parse(text) as ReturnType<typeof filterOf>;
    return {
      keys: data?.keys ?? NO_KEYS,
      total: data?.total ?? 0,
      isOpen: data?.isOpen === true,
      counts,
      page,
      size: limit,
      isPending,
      error,
      retry: () => void refetch(),
    };
  }, [counts, data, error, isPending, refetch, text]);
}

/** Read in the picture that an address names, where the page shown does not have it. Missing: false. */
export function useNamedPicture({ project, kind, session, drafts }: Labelling, name: string | null, isWaiting: boolean) {
  return useQuery({
    queryKey: ["dataset", project, kind, "labelling", { source_ref: name }],
    queryFn: async ({ signal }) => {
      let isThere = false;
      await session.load(async () => {
        const { images } = await listImages(project, kind, { source_ref: name ?? "", limit: 1 }, signal);
        isThere = images.length > 0;
        return images;
      });
      return isThere;
    },
    enabled: name !== null && !isWaiting && !drafts.byKey.has(name),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}
